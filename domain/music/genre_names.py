"""Other names of the genres, and the adjectives that only colour another genre (`jazzy house` is house)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Stands for classical piano or orchestral until the instruments are known.
CLASSICAL: Final = "classical"

GENRE_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "lofi hip hop": (
            *("lofi hip hop", "lo-fi hip hop", "lofi hiphop", "lo-fi hiphop", "lofi", "lo-fi", "lofi beat"),
            *("lofi beats", "lo-fi beat", "lo-fi beats", "study beats", "chillhop", "chill hop", "jazzhop"),
            *("jazz hop", "lofi chill", "low fidelity", "study beat", "chill beats"),
        ),
        "house": (
            *("house", "house music", "deep house", "tech house", "progressive house", "edm", "acid house"),
            *("french house", "future house", "tropical house", "electro house", "big room", "uk garage"),
            *("garage house", "piano house", "chicago house", "amapiano", "eurodance", "dance pop", "club music"),
            *("electronic dance music", "slap house", "melodic house", "afro house", "musica house"),
        ),
        "techno": (
            *("techno", "minimal techno", "detroit techno", "industrial techno", "acid techno", "hard techno"),
            *("dub techno", "tekno", "techno music", "hardtechno", "schranz", "electro"),
        ),
        "trance": (
            *("trance", "psytrance", "psy trance", "goa", "goa trance", "vocal trance"),
            *("progressive trance", "hands up"),
        ),
        "synthwave": (
            *("synthwave", "synth wave", "retrowave", "outrun", "vaporwave", "darksynth", "chillwave"),
            *("synthpop", "synth pop", "new wave", "80s synth", "eighties synth", "80s electronic", "dreamwave"),
            *("italo disco", "electropop"),
        ),
        "drum and bass": (
            *("drum and bass", "drum & bass", "drum n bass", "drum'n'bass", "drum 'n' bass"),
            *("dnb", "d&b", "d'n'b", "dn b", "drumnbass", "liquid dnb", "liquid drum and bass", "neurofunk"),
            *("breakcore", "breakbeat", "breakbeats", "jungle music", "ragga jungle", "jungle breaks", "dubstep"),
            *("oldschool jungle", "jungle techno", "liquid funk"),
        ),
        "ambient": (
            *("ambient", "ambient music", "drone", "drone music", "new age", "soundscape"),
            *("soundscapes", "meditation music", "spa music", "sleep music", "yoga music", "ambiente"),
            *("sound bath", "ambience", "space music", "healing music"),
        ),
        "chiptune": (
            *("chiptune", "chip tune", "chiptunes", "8 bit", "8-bit", "8bit", "16 bit", "16-bit", "chip music"),
            *("gameboy", "game boy", "nes music", "eight bit", "bitpop", "video game music", "retro game"),
            *("nintendo", "arcade game", "videogame music", "c64", "sid chip", "retro video game"),
        ),
        "trap": (
            *("trap", "trap beat", "trap music", "phonk", "drill beat", "uk drill", "drill music", "drill rap"),
            *("cloud rap", "trap soul", "future bass", "mumble rap", "brazilian phonk", "drill"),
        ),
        "rock": (
            *("rock", "rock music", "rock and roll", "rock n roll", "rock'n'roll", "rock & roll", "hard rock"),
            *("indie rock", "indie", "alternative rock", "alt rock", "punk", "punk rock", "grunge", "garage rock"),
            *("classic rock", "soft rock", "post rock", "post punk", "surf rock", "stoner rock", "rockabilly"),
            *("psychedelic rock", "prog rock", "progressive rock", "pop punk", "emo", "shoegaze", "britrock"),
            *("arena rock", "rock ballad", "southern rock", "math rock", "blues rock"),
        ),
        "metal": (
            *("metal", "heavy metal", "death metal", "black metal", "thrash metal", "thrash", "metalcore"),
            *("doom metal", "power metal", "nu metal", "djent", "deathcore", "progressive metal", "hardcore punk"),
            *("symphonic metal", "speed metal", "grindcore", "trash metal", "hair metal"),
        ),
        "pop": (
            *("pop", "pop music", "indie pop", "k-pop", "kpop", "j-pop", "jpop", "britpop", "bubblegum pop"),
            *("pop song", "dream pop", "pop ballad", "power pop", "bedroom pop", "schlager", "teen pop"),
            *("chanson", "musica pop", "hyperpop", "art pop", "city pop", "top 40"),
        ),
        "blues": (
            *("blues", "delta blues", "chicago blues", "twelve bar", "12 bar", "twelve-bar blues", "12-bar blues"),
            *("blues shuffle", "electric blues", "texas blues", "blues ballad"),
        ),
        "reggae": (
            *("reggae", "dub", "ska", "dancehall", "roots reggae", "rocksteady", "rock steady", "dub reggae"),
            *("lovers rock",),
        ),
        "country": (
            *("country", "country music", "country song", "country western", "americana", "honky tonk"),
            *("nashville", "outlaw country", "western swing", "alt country", "country pop", "country ballad"),
            *("country & western", "bluegrass", "rockabilly country"),
        ),
        "gospel": ("gospel", "gospel music", "spiritual", "church choir", "praise and worship", "worship music"),
        "soul": (
            *("soul", "soul music", "r&b", "rnb", "r'n'b", "rhythm and blues", "neo soul", "neo-soul", "motown"),
            *("northern soul", "contemporary r&b", "soul ballad", "quiet storm", "neosoul", "r and b"),
        ),
        "jazz": (
            *("jazz", "bebop", "hard bop", "big band", "swing", "swing music", "dixieland", "cool jazz"),
            *("smooth jazz", "jazz trio", "jazz quartet", "jazz quintet", "free jazz", "gypsy jazz", "ragtime"),
            *("jazz ballad", "modal jazz", "jazz club", "manouche", "electro swing", "swing jazz", "jazz combo"),
            *("vocal jazz", "jazz standard", "jazz fusion", "fusion jazz", "acid jazz", "nu jazz", "jazz noir"),
        ),
        "bossa nova": ("bossa nova", "bossa", "bossanova", "samba", "brazilian jazz", "mpb", "samba jazz"),
        "funk": ("funk", "funk music", "p-funk", "go-go funk", "boogie", "electro funk", "nu funk", "jazz funk"),
        "hip hop": (
            *("hip hop", "hiphop", "hip-hop", "rap", "rap beat", "boom bap", "boombap", "old school hip hop"),
            *("rap music", "trip hop", "trip-hop", "triphop", "hip hop beat", "gangsta rap", "g-funk"),
            *("west coast rap", "east coast rap", "conscious rap", "turntablism", "freestyle beat", "grime"),
        ),
        "disco": ("disco", "nu disco", "disco music", "disco funk", "eurodisco", "disco house"),
        "latin": (
            *("latin", "latin music", "salsa", "cumbia", "bachata", "merengue", "reggaeton", "tango", "mambo"),
            *("rumba", "cha cha", "cha-cha", "cha cha cha", "son cubano", "mariachi", "flamenco", "latin pop"),
            *("afro cuban", "afro-cuban", "bolero", "latino", "musica latina", "regueton", "latin jazz"),
            *("ranchera", "dembow", "spanish guitar music"),
        ),
        "afrobeat": ("afrobeat", "afrobeats", "afro beat", "afropop", "afro pop", "highlife", "soukous", "juju music"),
        "classical piano": (
            *("classical piano", "piano sonata", "nocturne", "nocturnes", "etude", "etudes", "prelude", "sonatina"),
            *("solo piano piece", "piano piece", "piano solo piece", "romantic piano", "klavierstuck", "neoclassical"),
            *("neo-classical", "neoclassical piano", "neo classical", "chopin", "satie", "bagatelle", "gymnopedie"),
            *("klassisches klavier", "piano clasico", "piano classique", "minimalist piano", "modern classical"),
        ),
        "orchestral": (
            *("orchestral", "orchestra", "symphony", "symphonic", "symphony orchestra", "philharmonic", "concerto"),
            *("orchester", "orquesta", "orquestal", "orchestre", "sinfonia", "chamber music", "baroque"),
            *("symphonic poem", "string orchestra", "overture", "chamber orchestra", "orchestral music"),
            *("string quartet", "orquestra", "orchestrale", "kammermusik", "barock"),
        ),
        "cinematic": (
            *("cinematic", "film score", "movie score", "film music", "movie soundtrack", "film soundtrack"),
            *("trailer music", "movie trailer", "trailer", "cinematic score", "filmmusik"),
            *("hans zimmer", "hollywood", "score for a film", "soundtrack for a film", "cinematografico"),
            *("cinematografica", "cinematique", "film trailer", "hybrid orchestral", "musica de cine"),
        ),
        "folk": (
            *("folk", "folk music", "indie folk", "singer songwriter", "singer-songwriter", "acoustic folk"),
            *("sea shanty", "shanty", "campfire song", "folk song", "klezmer", "polka", "balkan", "volksmusik"),
            *("folklore", "folk rock", "traditional folk", "skiffle", "nordic folk", "medieval folk", "medieval"),
        ),
        "celtic": (
            *("celtic", "irish", "irish jig", "jig", "irish reel", "irish folk", "scottish", "gaelic", "irish pub"),
            *("keltisch", "celta", "celtique", "celtic folk", "irish music", "highland"),
        ),
        "lullaby": (
            *("lullaby", "lullabies", "cradle song", "nursery rhyme", "wiegenlied", "schlaflied", "berceuse"),
            *("cancion de cuna", "nana", "berceuses", "bedtime song", "nursery music"),
        ),
        CLASSICAL: (
            *("classical", "classical music", "klassik", "klassische musik", "musica clasica", "musique classique"),
            *("romantic era", "mozart", "beethoven", "bach", "vivaldi"),
        ),
    }
)

# Used only when no genre is named outright.
FLAVOURS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "waltz": ("waltz", "waltzes", "walzer", "vals", "valse", "viennese waltz", "waltzing"),
        "jazz": ("jazzy", "swinging", "jazzig", "swung"),
        "funk": ("funky", "groovy funk"),
        "blues": ("bluesy",),
        "folk": ("folky", "folksy"),
        "soul": ("soulful",),
        "pop": ("poppy", "radio friendly"),
        "reggae": ("dubby", "rasta"),
        "techno": ("rave",),
        "cinematic": ("soundtrack", "score", "banda sonora"),
        "country": ("western", "countrified"),
        "disco": ("discoey",),
        "house": ("housey", "four on the floor"),
        "trap": ("trappy",),
        "synthwave": ("eighties", "80s", "retro synth"),
        "rock": ("rocking", "rockin", "grungy", "punky"),
    }
)

"""The instruments that can be played, families of them, and the words people use.

An instrument the sound library lacks is read as its nearest relative (a ukulele as an acoustic guitar).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.music.genres import GENRES

INSTRUMENT_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "piano": (
            *(
                "grand piano",
                "upright piano",
                "klavier",
                "flugel",
                "pianos",
                "pianoforte",
                "felt piano",
                "teclado piano",
            ),
            *("pianist", "klaviermusik", "piano chords", "piano melody", "honky tonk piano", "piano clasico"),
        ),
        "electric piano": (
            *("rhodes", "fender rhodes", "wurlitzer", "wurli", "e-piano", "epiano", "e piano", "electric keys"),
            *("keyboard", "keyboards", "clavinet", "dx7", "elektrisches klavier", "piano electrico", "keys"),
        ),
        "vibraphone": ("vibes", "vibraphon", "vibrafono", "vibraharp"),
        "marimba": ("xylophone", "marimbas", "xilofono", "xylophon", "balafon"),
        "organ": ("hammond", "hammond organ", "church organ", "pipe organ", "orgel", "organo", "orgue", "b3", "organs"),
        "accordion": ("accordeon", "akkordeon", "acordeon", "bandoneon", "concertina", "melodica", "squeezebox"),
        "harmonica": ("mouth organ", "blues harp", "mundharmonika", "armonica", "mouth harp"),
        "acoustic guitar": (
            *("nylon guitar", "classical guitar", "spanish guitar", "steel string guitar", "ukulele", "uke"),
            *("mandolin", "fingerpicked guitar", "fingerstyle guitar", "akustikgitarre", "guitarra acustica"),
            *("guitare acoustique", "acoustic guitars", "folk guitar", "12 string guitar", "guitarra espanola", "lute"),
            *("flamenco guitar", "akustische gitarre", "strummed guitar", "fingerpicking", "oud", "bouzouki"),
        ),
        "jazz guitar": ("hollow body guitar", "archtop guitar", "archtop", "jazzgitarre"),
        "clean electric guitar": (
            *("clean guitar", "clean electric", "surf guitar", "chorus guitar", "twangy guitar", "telecaster"),
            *("stratocaster", "reverb guitar", "pedal steel", "slide guitar", "steel guitar", "lap steel"),
        ),
        "muted guitar": ("palm muted guitar", "funk guitar", "wah guitar", "wah wah guitar", "scratch guitar"),
        "distorted guitar": (
            *("distorted electric guitar", "distortion guitar", "overdriven guitar", "fuzz guitar", "metal guitar"),
            *("heavy guitar", "heavy guitars", "crunchy guitar", "crunchy guitars", "shredding guitar", "rock guitar"),
            *("distorted guitars", "power chords", "guitar riffs", "heavy riffs", "screaming guitar", "fuzzy guitars"),
        ),
        "upright bass": (
            *("double bass", "contrabass", "stand up bass", "stand-up bass", "standup bass", "acoustic bass"),
            *("walking bass", "kontrabass", "contrabajo", "contrebasse", "string bass", "bowed bass"),
        ),
        "electric bass": (
            "bass guitar",
            "fretless bass",
            "e-bass",
            "ebass",
            "bajo electrico",
            "fingered bass",
            "p bass",
        ),
        "slap bass": ("slapped bass", "slapping bass", "popping bass"),
        "synth bass": (
            *("808", "808s", "808 bass", "sub bass", "subbass", "sub-bass", "acid bass", "303", "tb-303", "reese"),
            *("reese bass", "moog bass", "wobble bass", "bass synth", "synthesizer bass", "rolling bass"),
        ),
        "violin": ("fiddle", "violine", "geige", "violon", "fiddles"),
        "cello": ("violoncello", "cellos", "celli", "chelo", "violoncelle", "violonchelo"),
        "strings": (
            *(
                "string section",
                "strings section",
                "violins",
                "viola",
                "violas",
                "string ensemble",
                "orchestral strings",
            ),
            *("streicher", "cuerdas", "cordes", "string pads", "pizzicato", "string quartet"),
        ),
        "synth strings": ("string machine", "synthetic strings", "synthesizer strings", "solina", "mellotron"),
        "choir": (
            *("choirs", "chorale", "chor", "coro", "coros", "choeur", "choeurs", "chanting", "choral", "gregorian"),
            *("children's choir", "backing choir", "voices", "angelic voices", "monks", "choir voices"),
        ),
        "trumpet": ("trumpets", "trompete", "trompeta", "trompette", "cornet", "flugelhorn", "muted trumpet", "bugle"),
        "trombone": ("trombones", "posaune", "tuba", "tubas", "trombon", "sousaphone"),
        "french horn": ("french horns", "waldhorn", "trompa", "horn", "alphorn", "cor anglais"),
        "brass section": ("horn section", "horns", "brass band", "blaser", "metales", "brass stabs", "horn stabs"),
        "synth brass": ("synthesizer brass", "brass synth"),
        "saxophone": (
            *("sax", "saxes", "saxophones", "alto sax", "tenor sax", "soprano sax", "baritone sax", "saxofon"),
            *("saxofono", "alto saxophone", "tenor saxophone", "saxo", "saxophon"),
        ),
        "clarinet": ("clarinets", "klarinette", "clarinete", "clarinette", "bass clarinet", "oboe", "bassoon", "duduk"),
        "flute": ("flutes", "flote", "querflote", "flauta", "piccolo", "recorder", "blockflote", "shakuhachi"),
        "pan flute": ("panpipes", "pan pipes", "panflute", "panflote", "zampona", "andean flute", "bansuri"),
        "whistle": ("tin whistle", "penny whistle", "whistling", "whistled", "ocarina", "theremin", "irish whistle"),
        "square lead synth": (
            "square lead",
            "square wave",
            "chip lead",
            "pulse lead",
            "square waves",
            "chip lead synth",
        ),
        "saw lead synth": ("saw lead", "lead synth", "synth lead", "supersaw", "supersaws", "sawtooth", "synth leads"),
        "synth pad": (*("pad", "pads", "synth pads", "pad synth", "analog pads", "klangteppich"),),
        "sitar": ("sitars", "koto", "guzheng", "tanpura", "sarod"),
        "banjo": ("banjos", "shamisen"),
        "kalimba": ("thumb piano", "mbira", "thumb-piano", "kora"),
        "steel drums": ("steel drum", "steelpan", "steel pan", "steel pans", "handpan", "hang drum", "steelpans"),
        "music box": ("musicbox", "spieluhr", "caja de musica", "boite a musique"),
        "glockenspiel": ("bells", "chimes", "bell", "tubular bells", "glocken", "campanas"),
        "harp": ("harps", "harfe", "arpa", "harpe", "lyre", "celtic harp"),
        "celesta": ("celeste", "celestas"),
        "harpsichord": ("cembalo", "clavecin", "clavecembalo", "clavicembalo"),
        "timpani": ("kettle drums", "kettledrums", "pauken", "timbales de orquesta", "kettle drum"),
        "drums": (
            *("drum", "drum kit", "drumkit", "drum set", "drum machine", "drummer", "schlagzeug", "bateria"),
            *("batterie", "drum beat", "drumbeat", "snare", "hi hats", "hi-hats", "hihats", "hi-hat", "kick drum"),
            *("double kick", "808 drums", "breakbeat drums", "batteria", "trommeln", "hihat", "tambores", "drumming"),
            *("808 drum", "909", "tr-909", "tr-808", "electronic drums", "live drums", "kick drums", "blast beats"),
        ),
        "brushed drums": (
            *("brush drums", "drum brushes", "drums with brushes", "brushes", "brushed snare", "brushed kit"),
            *("brushed drum", "brushed drum kit", "besen", "escobillas", "brushed percussion"),
        ),
        "percussion": (
            *("percussions", "perkussion", "percusion", "bongos", "bongo", "congas", "conga", "shaker", "shakers"),
            *("tambourine", "cajon", "tabla", "tablas", "djembe", "hand drums", "maracas", "claves", "bodhran"),
            *("cowbell", "taiko", "taikos", "timbales", "sleigh bells", "hand claps", "handclaps", "castanets"),
            *("taiko drums", "tribal drums", "hand percussion", "african drums", "castanuelas", "congos"),
        ),
    }
)

INSTRUMENTS: Final = tuple(INSTRUMENT_NAMES)
KITS: Final = ("drums", "brushed drums")
ALL_PERCUSSION: Final = (*KITS, "percussion")

# A family's members in order of preference: the one that suits the genre is played, all are excluded.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "any guitar": (
            *("acoustic guitar", "distorted guitar", "jazz guitar", "muted guitar", "clean electric guitar"),
        ),
        "any electric guitar": ("clean electric guitar", "distorted guitar", "muted guitar", "jazz guitar"),
        "any bass": ("electric bass", "upright bass", "slap bass", "synth bass"),
        "any synth": ("saw lead synth", "square lead synth", "synth pad", "synth strings", "synth brass"),
        "any strings": ("strings", "violin", "cello", "synth strings"),
        "any brass": ("brass section", "trumpet", "trombone", "french horn", "synth brass"),
        "any woodwind": ("flute", "clarinet", "saxophone", "pan flute", "whistle"),
        "any keys": ("electric piano", "piano", "organ", "harpsichord"),
        "any horns": ("brass section", "trumpet", "trombone", "french horn", "saxophone"),
        "any choir": ("choir",),
        "any drums": KITS,
        "any percussion": ALL_PERCUSSION,
    }
)

FAMILY_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "any guitar": ("guitar", "guitars", "gitarre", "gitarren", "guitarra", "guitarras", "guitare", "guitares"),
        "any electric guitar": (
            *("electric guitar", "electric guitars", "e-gitarre", "guitarra electrica", "guitare electrique"),
            *("lead guitar", "rhythm guitar", "guitar solo", "guitar solos"),
        ),
        "any bass": ("bass", "bassline", "bass line", "basslines", "bajo", "basse", "basses", "bass lines"),
        "any synth": ("synth", "synths", "synthesizer", "synthesizers", "sintetizador", "synthesiser", "synthesisers"),
        "any brass": ("brass", "blech", "brass instruments", "blechblaser"),
        "any woodwind": ("woodwind", "woodwinds", "holzblaser", "vientos", "wind instruments"),
    }
)

# What an exclusion covers beyond the name itself: `no drums` also means no brushed drums.
EXCLUDED_WITH: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "drums": FAMILIES["any drums"],
        "percussion": FAMILIES["any percussion"],
        "strings": FAMILIES["any strings"],
        "brass section": FAMILIES["any horns"],
        "any synth": (*FAMILIES["any synth"], "synth bass"),
    }
)


def members(name: str) -> tuple[str, ...]:
    """The instruments that an exclusion of this instrument or family rules out."""
    return EXCLUDED_WITH.get(name) or FAMILIES.get(name) or (name,)


def suited(name: str, genre: str) -> str:
    """The instrument to play for an instrument or family: of a family, the one most at home in the genre."""
    if name not in FAMILIES:
        return name
    family = FAMILIES[name]
    known = GENRES.get(genre)
    at_home = [entry for entry in (known.palette if known else ()) if entry in family]
    return at_home[0] if at_home else family[0]

"""Prompts with the terms that must be read out of them, exactly: a field that is not named must stay empty."""

from typing import Final

from domain.music.instruments import ALL_PERCUSSION, KITS, members
from domain.music.keys import Key
from domain.music.meters import Meter
from domain.music.prompt import PromptTerms

READINGS: Final[tuple[tuple[str, PromptTerms], ...]] = (
    (
        "Am, 6/8, brushed drums, no piano",
        PromptTerms(key=Key("A", "minor"), meter=Meter(6, 8), instruments=("brushed drums",), excluded=("piano",)),
    ),
    (
        "dreamy lofi beat for studying, 82 bpm, with vinyl warmth and rhodes",
        PromptTerms(
            genre="lofi hip hop", mood="dreamy", moods=("dreamy", "warm"), bpm=82.0, instruments=("electric piano",)
        ),
    ),
    (
        "épico orquestal con coros",
        PromptTerms(genre="orchestral", mood="epic", instruments=("choir",), moods=("epic",)),
    ),
    (
        "fast aggressive thrash with shredding guitars, 190bpm",
        PromptTerms(
            genre="metal",
            mood="aggressive",
            bpm=190.0,
            pace=0.9,
            instruments=("distorted guitar",),
            moods=("aggressive",),
        ),
    ),
    (
        "slow blues in E with harmonica",
        PromptTerms(genre="blues", pace=0.1, key=Key("E", "major"), instruments=("harmonica",)),
    ),
    (
        "deep house, 122 BPM, warm pads, no vocals",
        PromptTerms(
            genre="house", mood="warm", bpm=122.0, instruments=("synth pad",), instrumental=True, moods=("warm",)
        ),
    ),
    ("jazzy house", PromptTerms(genre="house")),
    ("funky disco bassline", PromptTerms(genre="disco", instruments=("any bass",))),
    ("latin jazz with congas and trumpet", PromptTerms(genre="latin", instruments=("percussion", "trumpet"))),
    ("ambient techno", PromptTerms(genre="techno")),
    ("drum'n'bass, reese bass, 174", PromptTerms(genre="drum and bass", bpm=174.0, instruments=("synth bass",))),
    ("dnb at 174 bpm", PromptTerms(genre="drum and bass", bpm=174.0)),
    ("piano, drums and bass", PromptTerms(instruments=("piano", "drums", "any bass"))),
    ("a trio of piano, double bass and brushes", PromptTerms(instruments=("piano", "upright bass", "brushed drums"))),
    ("no drums, soft piano", PromptTerms(instruments=("piano",), excluded=KITS, energy=0.25)),
    (
        "no piano, strings or flute, warm cello",
        PromptTerms(
            mood="warm",
            instruments=("cello",),
            excluded=("piano", "strings", "violin", "synth strings", "flute"),
            moods=("warm",),
        ),
    ),
    ("without any drums or vocals", PromptTerms(excluded=KITS, instrumental=True)),
    (
        "no drums and no synths",
        PromptTerms(
            excluded=(
                "drums",
                "brushed drums",
                "saw lead synth",
                "square lead synth",
                "synth pad",
                "synth strings",
                "synth brass",
                "synth bass",
            )
        ),
    ),
    ("acoustic guitars only", PromptTerms(instruments=("acoustic guitar",), excluded=KITS)),
    ("solo piano, rubato, sad", PromptTerms(mood="sad", instruments=("piano",), excluded=KITS, moods=("sad",))),
    ("just piano and cello please", PromptTerms(instruments=("piano", "cello"), excluded=KITS)),
    (
        "no guitars except acoustic guitar",
        PromptTerms(
            instruments=("acoustic guitar",),
            excluded=("distorted guitar", "jazz guitar", "muted guitar", "clean electric guitar"),
        ),
    ),
    ("anything but guitar", PromptTerms(excluded=members("any guitar"))),
    ("drum-free ambient pads", PromptTerms(genre="ambient", instruments=("synth pad",), excluded=KITS)),
    ("drumless boom bap", PromptTerms(genre="hip hop", excluded=KITS)),
    ("a cappella", PromptTerms(instruments=("choir",), excluded=ALL_PERCUSSION)),
    ("beatless soundscape with choir", PromptTerms(genre="ambient", instruments=("choir",), excluded=ALL_PERCUSSION)),
    ("not too fast, piano and strings", PromptTerms(pace=0.5, instruments=("piano", "strings"))),
    ("not sad but hopeful", PromptTerms(mood="hopeful", refused_moods=frozenset({"sad"}), moods=("hopeful",))),
    ("not jazz, not blues, just rock", PromptTerms(genre="rock", refused_genres=frozenset({"blues", "jazz"}))),
    ("nothing but strings", PromptTerms(instruments=("strings",), excluded=KITS)),
    (
        "guitar solo over heavy metal in E minor at 160",
        PromptTerms(genre="metal", bpm=160.0, key=Key("E", "minor"), instruments=("any electric guitar",)),
    ),
    ("tempo: 90-100, hip hop with female vocals", PromptTerms(genre="hip hop", bpm=95.0, instrumental=False)),
    ("between 100 and 110 bpm", PromptTerms(bpm=105.0)),
    ("BPM: 90", PromptTerms(bpm=90.0)),
    ("around 120 beats per minute", PromptTerms(bpm=120.0)),
    ("♩= 72, nocturne", PromptTerms(genre="classical piano", bpm=72.0)),
    ("allegro in D major", PromptTerms(bpm=130.0, key=Key("D", "major"))),
    ("largo, mournful strings", PromptTerms(mood="sad", bpm=50.0, instruments=("strings",), moods=("sad",))),
    ("adagio for strings", PromptTerms(bpm=68.0, instruments=("strings",))),
    ("very fast techno", PromptTerms(genre="techno", pace=1.4)),
    ("slow waltz in 3/4", PromptTerms(genre="waltz", pace=0.1, meter=Meter(3, 4))),
    ("waltz time folk song", PromptTerms(genre="folk", meter=Meter(3, 4))),
    ("jazz waltz", PromptTerms(genre="jazz", meter=Meter(3, 4))),
    ("7/8 balkan dance", PromptTerms(genre="folk", meter=Meter(7, 8))),
    ("5/4 progressive rock", PromptTerms(genre="rock", meter=Meter(5, 4))),
    ("take me to 3/4 of the way", PromptTerms()),
    (
        "F# dorian funk with slap bass, tempo 104",
        PromptTerms(genre="funk", bpm=104.0, key=Key("F#", "dorian"), instruments=("slap bass",)),
    ),
    ("Bb major big band swing", PromptTerms(genre="jazz", key=Key("Bb", "major"))),
    ("in the key of C sharp minor", PromptTerms(key=Key("C#", "minor"))),
    ("key: Ebm", PromptTerms(key=Key("Eb", "minor"))),
    ("in a minor key", PromptTerms(mode="minor")),
    ("in a minor, slow", PromptTerms(pace=0.1, key=Key("A", "minor"))),
    ("A minor change in plans", PromptTerms()),
    ("a major hit for the summer", PromptTerms()),
    ("key lime pie", PromptTerms()),
    ("Am I the only one who likes reggae?", PromptTerms(genre="reggae")),
    ("I am sad", PromptTerms(mood="sad", moods=("sad",))),
    ("phrygian metal", PromptTerms(genre="metal", mode="phrygian")),
    ("d-moll, Klavier, ohne Schlagzeug", PromptTerms(key=Key("D", "minor"), instruments=("piano",), excluded=KITS)),
    (
        "guitarra en la menor sin batería",
        PromptTerms(key=Key("A", "minor"), instruments=("any guitar",), excluded=KITS),
    ),
    (
        "musique calme, piano et violon, sans batterie",
        PromptTerms(mood="calm", instruments=("piano", "violin"), excluded=KITS, moods=("calm",)),
    ),
    ("traurige Klaviermusik, langsam", PromptTerms(mood="sad", pace=0.1, instruments=("piano",), moods=("sad",))),
    (
        "verse chorus verse chorus bridge chorus outro",
        PromptTerms(sections=("verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro")),
    ),
    ("intro -> verse -> chorus x2 -> outro", PromptTerms(sections=("intro", "verse", "chorus", "chorus", "outro"))),
    ("with an intro and an outro", PromptTerms()),
    ("starts with a piano intro then drums", PromptTerms(instruments=("piano", "drums"))),
    ("instrumental hip hop beat", PromptTerms(genre="hip hop", instrumental=True)),
    ("bass-heavy trap, no problem", PromptTerms(genre="trap")),
    ("rock me gently", PromptTerms(mood="gentle", moods=("gentle",))),
    ("the haunted house on the hill", PromptTerms()),
    ("in the country with my friends", PromptTerms()),
    ("no strings attached", PromptTerms()),
    ("classical music for strings", PromptTerms(genre="orchestral", instruments=("strings",))),
    ("classical guitar in Spain", PromptTerms(instruments=("acoustic guitar",))),
    (
        "80s synth ballad, sexy sax",
        PromptTerms(genre="synthwave", mood="romantic", instruments=("saxophone",), moods=("romantic",)),
    ),
    ("quiet, minimal, low-energy background", PromptTerms(energy=0.25)),
    ("high energy EDM banger", PromptTerms(genre="house", mood="energetic", energy=0.85, moods=("energetic",))),
    (
        "808s and hi-hats, dark trap, 140 bpm",
        PromptTerms(genre="trap", mood="dark", bpm=140.0, instruments=("synth bass", "drums"), moods=("dark",)),
    ),
    (
        "música latina alegre con trompetas, 100 bpm",
        PromptTerms(genre="latin", mood="happy", bpm=100.0, instruments=("trumpet",), moods=("happy",)),
    ),
    (
        "chill lo-fi hip-hop 🎧🌧️ no vocals",
        PromptTerms(genre="lofi hip hop", mood="calm", instrumental=True, moods=("calm",)),
    ),
    (
        "R&B slow jam, electric piano, 6/8",
        PromptTerms(genre="soul", pace=0.1, meter=Meter(6, 8), instruments=("electric piano",)),
    ),
    ("80's rock & roll", PromptTerms(genre="rock")),
    ("funk/soul with brass section", PromptTerms(genre="funk", instruments=("brass section",))),
    ("folk, not country", PromptTerms(genre="folk", refused_genres=frozenset({"country"}))),
    ("something like Hans Zimmer, but no choir", PromptTerms(genre="cinematic", excluded=members("any choir"))),
    ("piano (no drums)", PromptTerms(instruments=("piano",), excluded=KITS)),
    ("NO DRUMS!!! only harp", PromptTerms(instruments=("harp",), excluded=KITS)),
    ("heavy metal without distortion guitars", PromptTerms(genre="metal", excluded=("distorted guitar",))),
    (
        "ukulele, glockenspiel, whistling: happy corporate jingle",
        PromptTerms(mood="happy", instruments=("acoustic guitar", "glockenspiel", "whistle"), moods=("happy",)),
    ),
    ("wake me up at 92", PromptTerms(bpm=92.0)),
    ("meet me at 9 pm", PromptTerms()),
    ("500 bpm speedcore", PromptTerms(bpm=240.0)),
    (
        "12/8 gospel in Ab with organ",
        PromptTerms(genre="gospel", key=Key("Ab", "major"), meter=Meter(12, 8), instruments=("organ",)),
    ),
    (
        "with no vocals and no drums, just a piano",
        PromptTerms(instruments=("piano",), excluded=KITS, instrumental=True),
    ),
    (
        "no brass, woodwinds, or choir",
        PromptTerms(
            excluded=(
                "brass section",
                "trumpet",
                "trombone",
                "french horn",
                "synth brass",
                "flute",
                "clarinet",
                "saxophone",
                "pan flute",
                "whistle",
                "choir",
            )
        ),
    ),
    ("dark ambient drone, 60 bpm, no melody", PromptTerms(genre="ambient", mood="dark", bpm=60.0, moods=("dark",))),
    (
        "upbeat indie rock with jangly guitars and female vocals",
        PromptTerms(
            genre="rock", mood="uplifting", instruments=("any guitar",), instrumental=False, moods=("uplifting",)
        ),
    ),
    ("Lo-Fi / chill / 75", PromptTerms(genre="lofi hip hop", mood="calm", bpm=75.0, moods=("calm",))),
    (
        "energetic 8-bit chase theme at 150 with square waves",
        PromptTerms(
            genre="chiptune", mood="energetic", bpm=150.0, instruments=("square lead synth",), moods=("energetic",)
        ),
    ),
    (
        "celtic jig in 6/8 with fiddle, tin whistle and bodhrán",
        PromptTerms(genre="celtic", meter=Meter(6, 8), instruments=("violin", "whistle", "percussion")),
    ),
    (
        "sanftes Wiegenlied mit Spieluhr und Harfe in F-Dur",
        PromptTerms(
            genre="lullaby", mood="gentle", key=Key("F", "major"), instruments=("music box", "harp"), moods=("gentle",)
        ),
    ),
    (
        "cumbia con acordeón, bajo y percusión, sin voz",
        PromptTerms(genre="latin", instruments=("accordion", "any bass", "percussion"), instrumental=True),
    ),
    (
        "bossa nova, guitarra y flauta, 130 bpm, in D minor",
        PromptTerms(genre="bossa nova", bpm=130.0, key=Key("D", "minor"), instruments=("any guitar", "flute")),
    ),
    (
        "epic trailer, taikos, brass, choir, in C minor, builds up",
        PromptTerms(
            genre="cinematic",
            mood="epic",
            key=Key("C", "minor"),
            instruments=("percussion", "any brass", "choir"),
            moods=("epic",),
        ),
    ),
    (
        "gospel choir with hammond organ, 12/8, slow",
        PromptTerms(genre="gospel", pace=0.1, meter=Meter(12, 8), instruments=("choir", "organ")),
    ),
    (
        "very soft music box lullaby in G major",
        PromptTerms(genre="lullaby", key=Key("G", "major"), instruments=("music box",), energy=0.15),
    ),
    (
        "Nigerian afrobeat with horns, congas, 110bpm",
        PromptTerms(genre="afrobeat", bpm=110.0, instruments=("brass section", "percussion")),
    ),
    (
        "moderate tempo country with banjo and pedal steel, no fiddle",
        PromptTerms(genre="country", pace=0.5, instruments=("banjo", "clean electric guitar"), excluded=("violin",)),
    ),
    ("don't use piano. I want strings", PromptTerms(instruments=("strings",), excluded=("piano",))),
)

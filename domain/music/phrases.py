"""Phrases that are neither genre, mood nor instrument: pace, energy, voices, form, refusals, and idioms.

Values of PACE say where in a genre's customary tempo range to go: 0 its slow end, 1 its fast end.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Phrases = Mapping[str, tuple[str, ...]]

# Customary beats per minute of the Italian terms (middle of the ranges printed on metronomes).
TEMPO_TERMS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "grave": 40.0,
        "larghissimo": 36.0,
        "largo": 50.0,
        "larghetto": 62.0,
        "lento": 52.0,
        "adagio": 68.0,
        "adagietto": 72.0,
        "andante": 84.0,
        "andantino": 92.0,
        "moderato": 108.0,
        "allegretto": 114.0,
        "allegro": 130.0,
        "vivace": 150.0,
        "vivacissimo": 164.0,
        "presto": 178.0,
        "prestissimo": 200.0,
    }
)

PACE: Final[Phrases] = MappingProxyType(
    {
        "0.1": (
            *("slow", "slowly", "slow tempo", "slow paced", "slow-paced", "down tempo", "downtempo", "unhurried"),
            *("langsam", "langsame", "langsames", "lent", "lente", "despacio", "slower", "half time", "half-time"),
            *("slow motion",),
        ),
        "0.5": ("medium tempo", "mid tempo", "midtempo", "mid-tempo", "moderate tempo", "moderate", "medium paced"),
        "0.9": (
            *("fast", "fast tempo", "quick", "rapid", "brisk", "up tempo", "uptempo", "up-tempo", "speedy"),
            *("fast paced", "fast-paced", "schnell", "schnelle", "schnelles", "rapido", "rapida", "rapide"),
            *("vite", "faster", "high speed", "double time", "double-time", "frantic", "frenetic"),
        ),
    }
)

ENERGY: Final[Phrases] = MappingProxyType(
    {
        "0.15": ("very quiet", "whisper quiet", "barely there", "very soft", "pianissimo", "almost silent"),
        "0.25": (
            *("low energy", "low-energy", "quiet", "soft", "sparse", "minimal", "minimalist", "minimalistic"),
            *("subtle", "low-key", "low key", "understated", "leise", "unobtrusive", "softly"),
        ),
        "0.5": ("medium energy", "moderate energy", "mid energy"),
        "0.85": ("high energy", "high-energy", "loud", "hard", "full energy", "full of energy", "banging", "laut"),
        "0.95": ("maximum energy", "explosive", "very loud", "all out", "fortissimo", "ear splitting", "insane energy"),
    }
)

VOCALS: Final[Phrases] = MappingProxyType(
    {
        "sung": (
            *("vocals", "vocal", "vocalist", "singing", "singer", "sung", "lyrics", "female vocals", "male vocals"),
            *("female voice", "male voice", "female singer", "male singer", "rap vocals", "rapping", "gesang"),
            *("voz", "voix", "letra", "stimme", "singers", "rapper", "wordless vocals", "humming", "backing vocals"),
        ),
        "instrumental": (
            *("instrumental", "instrumentals", "instrumental only", "purely instrumental", "voiceless", "karaoke"),
            *("instrumentalmusik", "vocal free", "vocal-free", "vocalless", "no words"),
        ),
    }
)

SECTIONS: Final[Phrases] = MappingProxyType(
    {
        "intro": ("intro", "introduction", "intros"),
        "verse": ("verse", "verses", "strophe", "verso", "estrofa", "couplet"),
        "pre-chorus": ("pre chorus", "pre-chorus", "prechorus", "build up", "build-up", "buildup"),
        "chorus": ("chorus", "choruses", "refrain", "hook", "drop", "estribillo", "coro final"),
        "bridge": ("bridge", "middle eight", "middle 8", "puente"),
        "solo": ("solo", "solo section"),
        "breakdown": ("breakdown", "break down section", "interlude"),
        "outro": ("outro", "coda", "ending section"),
    }
)

REFUSE: Final = (
    *("no", "without", "without any", "minus", "excluding", "exclude", "avoid", "avoiding", "leave out", "skip"),
    *("skip the", "leaving out", "remove", "drop the", "lose the", "ditch the", "mute the", "zero", "free of"),
    *("devoid of", "lacking", "sans", "sin", "ohne", "kein", "keine", "keinen", "senza", "sem", "pas de"),
    *("anything but", "anything except", "everything but", "everything except", "all but", "neither"),
    *("don't want", "dont want", "do not want", "don't use", "do not use", "dont use", "don't include", "no more"),
    *("do not include", "don't like", "do not like", "i hate", "hate", "never use", "don't add", "do not add"),
    *("stay away from", "instead of", "rather than", "nothing with", "ningun", "ninguna", "aucun", "aucune"),
)
REFUSE_ONE: Final = ("not", "isn't", "is not", "aren't", "never", "nicht", "nothing", "non", "hardly")
EXCEPT: Final = ("except", "except for", "apart from", "other than", "besides", "ausser", "salvo", "excepto", "sauf")

# Words after which a refusal no longer reaches: what follows them is wanted.
TURN: Final = (
    *("with", "but", "just", "only", "instead", "rather", "please", "featuring", "feat", "use", "want", "give"),
    *("add", "keep", "include", "including", "then", "maybe", "prefer", "let", "make", "play", "should", "however"),
    *("although", "lots of", "plenty of", "yes", "mit", "con", "avec", "aber", "pero", "mais", "nur", "solo con"),
    *("though", "while", "because", "where", "when", "that", "which", "i", "is", "are", "what", "you", "we", "it"),
    *("not only", "not just", "nothing but", "none other than", "not without", "no less than", "for", "like"),
    *("more", "using", "led by", "driven by", "over", "under", "in", "at", "on", "to"),
)

# `solo piano`, `only piano`: nothing else is wanted, so at least no drums.
SOLO: Final = (
    *("solo", "just", "only", "nothing but", "unaccompanied", "nur", "solamente", "seulement", "just a", "only a"),
    *("only the", "just the", "just one", "a single", "nothing but a", "nothing but the"),
)

# Phrases that ban without naming an instrument.
BANS: Final[Phrases] = MappingProxyType(
    {
        "any percussion": (
            *("beatless", "no beat", "no beats", "without a beat", "without beats", "without any beat"),
            *("a cappella", "acappella", "a capella", "acapella", "no rhythm section", "without rhythm section"),
        ),
        "any drums": ("drumless", "drum less", "schlagzeuglos"),
    }
)
ALSO_CHOIR: Final = ("a cappella", "acappella", "a capella", "acapella")

MODE_PHRASES: Final[Phrases] = MappingProxyType(
    {
        "minor": ("minor key", "minor keys", "minor mode", "minor tonality", "in minor", "in moll", "minor scale"),
        "major": ("major key", "major keys", "major mode", "major tonality", "in major", "in dur", "major scale"),
        "dorian": ("dorian", "dorian mode"),
        "mixolydian": ("mixolydian", "mixolydian mode"),
        "phrygian": ("phrygian", "phrygian mode"),
        "lydian": ("lydian", "lydian mode"),
        "harmonic_minor": ("harmonic minor", "harmonic minor scale"),
    }
)

IDIOMS: Final = (
    *("no problem", "no problems", "no idea", "no doubt", "no one", "no longer", "no wonder", "no rush", "no worries"),
    *("no matter", "no pressure", "no limits", "no way", "no need", "no stress", "no shortage of", "no time"),
    *("no strings attached", "strings attached", "not sure", "not too sure", "why not", "whether or not", "or not"),
    *("key lime", "key lime pie", "key west", "key change", "key changes", "key moment", "key element", "piano key"),
    *("different keys", "car keys", "house keys", "minor change", "minor changes", "major hit", "major change"),
    *("bass heavy", "heavy bass", "bass boosted", "bass boost", "sea bass", "bass drop", "deep bass"),
    *("haunted house", "tree house", "opera house", "my house", "our house", "the house", "white house", "your house"),
    *("house plants", "house cleaning", "beach house", "light house", "house party", "full house", "a house on"),
    *("old house", "empty house", "country house", "house of", "house warming", "housewarming", "in a house"),
    *("in the country", "my country", "country road", "country roads", "country side", "our country", "the country"),
    *("rock bottom", "on the rocks", "rock climbing", "rock the boat", "rock the cradle", "rock the baby", "rocks"),
    *("rocking chair", "solid rock", "rock me", "red rock", "rock to sleep", "rocking horse", "rock pool"),
    *("pop up", "pop quiz", "pop corn", "my pop", "metal detector", "metal door", "scrap metal", "sheet metal"),
    *("soul mate", "lost soul", "my soul", "soul searching", "body and soul", "your soul", "the soul", "old soul"),
    *("trap door", "tourist trap", "it's a trap", "mouse trap", "fire drill", "drill sergeant", "power drill"),
    *("mood swings", "swing set", "mood swing", "a swing", "the swings", "folk tale", "folk tales", "old folks"),
    *(
        "harp on",
        "drum up",
        "drumming up",
        "feeling blue",
        "blue note records",
        "string of",
        "strings of",
        "pull strings",
    ),
    *(
        "train whistle",
        "whistle stop",
        "dog whistle",
        "launch pad",
        "note pad",
        "brush my teeth",
        "blow my own trumpet",
    ),
    *("chain of keys", "grand canyon", "grand prix", "strong coffee", "still life", "sweet tooth", "light house"),
    *(
        "school bells",
        "wedding bells",
        "bell tower",
        "hard work",
        "hard day",
        "hard drive",
        "hard times",
        "quick break",
    ),
    *("fast food", "breakfast", "soft drink", "soft drinks", "quiet place", "fast asleep", "fast lane", "hard to"),
    *("slow cooker", "full of rage", "no fear", "in the house", "drop in", "rain drop", "drop of", "rain drops"),
    *("off the hook", "golden gate bridge", "the bridge", "a bridge", "under the bridge", "london bridge"),
    *("folk hero", "metal box", "score a", "scored", "the score", "high score", "on the score", "chorus of birds"),
    *("moving on", "moving to", "moving out", "moving house", "driving to", "driving through", "driving home"),
    *("driving a", "driving down", "driving along", "driving at", "driving on", "driving in", "night driving"),
    *("content creator", "content creators", "content for", "video content", "light house", "still water"),
    *("bright side", "positive energy", "strong woman", "grand opening", "grand finale", "dark chocolate"),
    *("happy birthday", "happy hour", "happy meal", "tropical island", "tropical beach", "power point"),
    *("trailer park", "sad boy", "still in", "still looking", "suspense account", "pub rock bottom"),
)

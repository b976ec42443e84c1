"""Moods on the circumplex of Russell (1980): valence (dark to bright) and arousal (still to wild), -1 to 1."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Mood:
    """`words` are what people write for it, the name itself left out."""

    name: str
    valence: float
    arousal: float
    words: tuple[str, ...]

    @property
    def energy(self) -> float:
        """Arousal as an energy of 0 to 1."""
        return round((self.arousal + 1.0) / 2.0, 3)


_ALL: Final = (
    Mood("calm", 0.5, -0.7, ("chill", "chilled", "chillout", "chilling", "serene", "ruhig", "tranquilo", "calme")),
    Mood("peaceful", 0.6, -0.7, ("tranquil", "zen", "meditative", "friedlich", "still", "harmonious", "paisible")),
    Mood("relaxing", 0.6, -0.7, ("relaxed", "soothing", "laid back", "laid-back", "mellow", "entspannt", "relajante")),
    Mood("warm", 0.6, -0.4, ("cozy", "cosy", "warmth", "comforting", "intimate", "gemutlich", "snug", "homely")),
    Mood(
        "dreamy", 0.4, -0.6, ("ethereal", "floating", "dreamlike", "hazy", "vertraumt", "sonador", "airy", "celestial")
    ),
    Mood(
        "gentle",
        0.5,
        -0.7,
        ("gently", "delicate", "tender touch", "sanft", "sanftes", "sanfte", "suave", "doux", "douce", "mild"),
    ),
    Mood("tender", 0.5, -0.6, ("loving", "affectionate", "sweet", "zartlich", "tierno", "heartwarming")),
    Mood("hopeful", 0.6, -0.2, ("inspiring", "inspirational", "hoffnungsvoll", "esperanzador", "encouraging")),
    Mood("happy", 0.8, 0.3, ("glad", "frohlich", "feliz", "alegre", "joyeux", "content", "merry", "heureux")),
    Mood("uplifting", 0.7, 0.4, ("upbeat", "motivating", "motivational", "elevating", "positive", "feelgood")),
    Mood("bright", 0.6, 0.2, ("light hearted", "lighthearted", "light-hearted", "sparkling", "shiny", "radiant")),
    Mood("cheerful", 0.8, 0.4, ("jolly", "jaunty", "bouncy", "heiter", "bubbly", "perky", "lively cheer")),
    Mood("feel good", 0.8, 0.2, ("feel-good", "good vibes", "good mood", "gute laune", "carefree")),
    Mood("optimistic", 0.7, 0.2, ("confident", "optimistisch", "optimista")),
    Mood("sunny", 0.7, 0.1, ("summery", "summer vibes", "beachy", "sonnig", "breezy", "tropical")),
    Mood("romantic", 0.5, -0.3, ("love song", "sensual", "sexy", "romantisch", "romantico", "seductive", "passionate")),
    Mood("energetic", 0.6, 0.8, ("lively", "high energy", "energiegeladen", "energico", "pumping", "dynamic", "vivid")),
    Mood("joyful", 0.8, 0.6, ("joyous", "jubilant", "celebratory", "festive", "exuberant", "gleeful")),
    Mood("euphoric", 0.8, 0.8, ("ecstatic", "anthemic", "euphorisch", "blissful high", "euforico")),
    Mood("exciting", 0.6, 0.8, ("thrilling", "adventurous", "exhilarating", "adventure", "swashbuckling")),
    Mood("playful", 0.7, 0.5, ("quirky", "funny", "whimsical", "silly", "cheeky", "goofy", "humorous", "cute")),
    Mood("triumphant", 0.7, 0.7, ("victorious", "heroic", "heroico", "glorious", "heldenhaft", "majestic")),
    Mood("melancholic", -0.5, -0.5, ("melancholy", "wistful", "melancholisch", "melancolico", "bleak", "melancolique")),
    Mood(
        "sad",
        -0.7,
        -0.5,
        ("sorrowful", "traurig", "traurige", "triste", "mournful", "heartbroken", "tearful", "depressing"),
    ),
    Mood("moody", -0.4, -0.3, ("brooding", "gloomy", "sombre", "somber", "smoky", "noir", "sultry")),
    Mood(
        "mysterious",
        -0.3,
        -0.3,
        ("mystical", "enigmatic", "haunting", "geheimnisvoll", "misterioso", "eerie", "spooky"),
    ),
    Mood("nostalgic", -0.1, -0.4, ("nostalgia", "reminiscent", "sentimental", "nostalgisch", "nostalgico")),
    Mood("lonely", -0.6, -0.6, ("solitary", "isolated", "einsam", "desolate", "loneliness", "solitario")),
    Mood("dark and calm", -0.5, -0.6, ("dark but calm", "calm and dark", "quietly dark")),
    Mood("dramatic", -0.3, 0.4, ("theatrical", "dramatisch", "dramatico", "operatic", "dramatique")),
    Mood("emotional", -0.2, 0.1, ("moving", "touching", "heartfelt", "emotiv", "emotive", "poignant", "emotivo")),
    Mood("groovy", 0.3, 0.3, ("grooving", "groove")),
    Mood("serious", -0.2, 0.0, ("solemn", "earnest", "ernst", "grave mood")),
    Mood("bittersweet", -0.2, -0.1, ("happy sad", "happy-sad", "agridulce")),
    Mood("dark", -0.6, 0.2, ("sinister", "ominous", "dunkel", "duster", "oscuro", "sombre dark", "evil", "creepy")),
    Mood("intense", -0.3, 0.8, ("fierce", "ferocious", "heavy hitting", "intensiv", "intenso", "relentless")),
    Mood("driving", 0.0, 0.7, ("propulsive", "urgent", "treibend", "pulsating", "hypnotic")),
    Mood(
        "aggressive",
        -0.6,
        0.9,
        ("brutal", "violent", "hard hitting", "hard-hitting", "aggressiv", "agresivo", "savage"),
    ),
    Mood("powerful", 0.1, 0.8, ("mighty", "strong", "bombastic", "kraftvoll", "poderoso", "puissant")),
    Mood("tense", -0.5, 0.5, ("suspenseful", "suspense", "anxious", "nervous", "spannend", "tension", "thriller")),
    Mood("epic", 0.2, 0.8, ("grand", "huge", "monumental", "episch", "epico", "epica", "epique", "colossal")),
    Mood("angry", -0.7, 0.9, ("furious", "rage", "wutend", "enojado", "raging", "wrathful")),
)

MOODS: Final[Mapping[str, Mood]] = MappingProxyType({mood.name: mood for mood in _ALL})

"""Sentences an export is judged on: one phrase per genre and a hundred prompts to be sorted among them."""

GENRE_PHRASES = (
    "lofi hip hop beat with dusty vinyl and mellow keys",
    "house music for the dance floor, four on the floor",
    "dark minimal techno in a warehouse",
    "euphoric trance with soaring arpeggios",
    "synthwave, retro eighties neon night drive",
    "fast drum and bass with breakbeats",
    "ambient soundscape, slow drifting pads",
    "rock band with loud electric guitars",
    "heavy metal with distorted riffs",
    "catchy pop song for the radio",
    "jazz quartet in a smoky club",
    "bossa nova on a Brazilian beach",
    "funk groove with slap bass",
    "laid-back reggae from Jamaica",
    "blues with harmonica and a shuffle",
    "classical solo piano piece",
    "symphony orchestra in a concert hall",
    "cinematic film score for an epic trailer",
    "acoustic folk song around a campfire",
    "country song with banjo and fiddle",
    "chiptune from an old 8-bit video game",
    "trap beat with rolling hi-hats and 808",
    "hip hop beat to rap over",
    "seventies disco with strings",
    "latin salsa with congas and trumpets",
)

SUBJECTS = (
    "rain on the window while I study",
    "driving through a neon city at night",
    "a dragon flying over burning mountains",
    "slow dancing in an old ballroom",
    "robots building a factory",
    "sunset on a tropical beach",
    "a lonely cowboy under the stars",
    "running the last mile of a marathon",
    "meditation and deep breathing",
    "a pixel hero jumping over lava",
    "Saturday night fever on roller skates",
    "smoking a cigar in a Havana cafe",
    "headbanging in the front row",
    "a detective walking home through fog",
    "underground rave in an abandoned factory",
    "grandfather telling stories by the fire",
    "summer hit everyone sings along to",
    "the hero returns home after the war",
    "skateboarding through the Bronx in the nineties",
    "a candle-lit recital of nocturnes",
)

FORMS = (
    "music for {}",
    "something that sounds like {}",
    "{}, calm and warm",
    "{}, fast and full of energy",
    "an instrumental about {}, no drums",
)

PROMPTS = tuple(form.format(subject) for form in FORMS for subject in SUBJECTS)

SENTENCES = (
    "a calm piano piece for the evening",
    "quiet piano music to fall asleep to",
    "loud distorted guitars and double bass drums",
    "an aggressive metal song",
    "Am, 6/8, brushed drums, no piano",
    "épico orquestal con coros",
    "🎵",
    "a long description of a song that begins with a lonely flute over soft strings, then drums and a deep bass "
    "enter, the harmony turns brighter, voices join one after the other and everything ends on a single bell",
)

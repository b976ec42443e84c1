"""SoundFont 2/3 subsetting: keeps chosen presets of a large font. Reads and writes files, plays nothing."""

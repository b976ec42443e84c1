"""How `triton_models/note_transcription` is made of the ONNX in the basic-pitch wheel."""

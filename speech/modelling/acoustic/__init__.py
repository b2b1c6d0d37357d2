"""Builds the acoustic models of the bundled Vosk models from nothing: ``python -m speech.modelling.acoustic zh en``.

espeak-ng speaks random sentences and says which phone sounds when; a telephone line is laid over them; a small network
learns to tell the phone from the sound; its weights are written as Kaldi's ``final.mdl``. `make model` runs all of it.
Only this package needs PyTorch and kaldi-native-fbank, and only where they are used.
"""

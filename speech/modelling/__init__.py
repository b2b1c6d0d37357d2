"""The bundled speech models: their graphs here (``python -m speech.modelling zh``), their sound in `acoustic`.

The acoustic model (``am/final.mdl``) knows phones, not words; what can be recognised is decided by the graph alone.
So a wider vocabulary needs no training: add the word to ``<language>/words.txt``, sentences that use it to
``<language>/sentences.txt``, and build. The acoustic model and its
settings are made by `speech.modelling.acoustic`.
"""

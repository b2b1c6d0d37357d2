"""What the network sees of a sound: mel-frequency cepstra, as Kaldi and so Vosk computes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.modelling.acoustic.channel import RATE_HZ, Pcm

Frames = NDArray[np.float32]
"""Frames of 10 ms by coefficients."""

FRAME = RATE_HZ // 100
"""Samples from one frame to the next."""
FRAME_CENTRE = RATE_HZ * 25 // 2000
"""Samples from the beginning of the sound to the middle of its first frame, which is 25 ms long."""


@dataclass(frozen=True, slots=True)
class Cepstra:
    """Settings of ``conf/mfcc.conf``; all others are Kaldi's defaults, but without dither, which is random."""

    coefficients: int = 30
    low_hz: int = 60
    high_hz: int = 3700

    def conf(self) -> str:
        """The text of ``conf/mfcc.conf``."""
        return (
            f"--sample-frequency={RATE_HZ}\n--use-energy=false\n--num-mel-bins={self.coefficients}\n"
            f"--num-ceps={self.coefficients}\n--low-freq={self.low_hz}\n--high-freq={self.high_hz}\n--dither=0.0\n"
        )

    def of(self, pcm: Pcm) -> Frames:
        """The cepstra of a sound; needs kaldi-native-fbank."""
        import kaldi_native_fbank as fbank  # noqa: PLC0415

        options = fbank.MfccOptions()
        options.frame_opts.samp_freq = RATE_HZ
        options.frame_opts.dither = 0.0
        options.mel_opts.num_bins = self.coefficients
        options.mel_opts.low_freq = self.low_hz
        options.mel_opts.high_freq = self.high_hz
        options.num_ceps = self.coefficients
        options.use_energy = False
        online = fbank.OnlineMfcc(options)
        online.accept_waveform(RATE_HZ, pcm.astype(np.float32).tolist())
        online.input_finished()
        found = [online.get_frame(index) for index in range(online.num_frames_ready)]
        return np.array(found, dtype=np.float32).reshape(-1, self.coefficients)

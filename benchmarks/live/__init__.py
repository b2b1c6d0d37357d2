"""Live calls on one machine: how many, how fast, and what they cost beside bare pjsua2 and Vosk alone."""

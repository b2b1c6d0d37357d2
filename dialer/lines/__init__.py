"""Line processes: SIP and media, and nothing else."""

"""The loop that a tracker's users write, with and without the tracker; it needs torch, psutil and the tracker alone."""

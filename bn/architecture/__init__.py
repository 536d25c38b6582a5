"""What a network description is, without torch: its layers, the presets, every shape and parameter count."""

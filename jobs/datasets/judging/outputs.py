"""What the files are called in which a judged dataset, or one picture, is written, and how its judge ends."""

EXAMPLES = {"train": "train_images.npy", "test": "test_images.npy"}
"""By part: [N, C, H, W] of uint8, or [N, F] of float32."""
LABELS = {"train": "train_labels.npy", "test": "test_labels.npy"}
"""By part: [N] of int64."""
SHEET = "sheet.png"
"""Examples by class; of images alone."""
PICTURE = "picture.npy"
"""One picture that was asked for by itself: [C, H, W] of uint8."""
ANSWER = "answer.json"
"""What the child says."""
FULL = 3
"""The child's exit code where the disk is full."""

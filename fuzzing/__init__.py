"""Coverage-guided fuzzing of all readers; see README.md."""

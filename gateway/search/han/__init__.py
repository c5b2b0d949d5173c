"""What is known of Chinese characters: which are written alike, and how they are read. See README.md."""

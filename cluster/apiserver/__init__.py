"""The API server: every read and write of a lab goes through here, whoever asks."""

"""What is rising, holds, or fades: stories over time, against how much is reported at all."""

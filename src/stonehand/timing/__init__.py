"""When pieces may go out: what people wish for, and what each channel bears."""

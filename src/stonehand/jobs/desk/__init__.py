"""What an operator sees and does: filters, many jobs at once, dead letters, reasons, charts, health."""

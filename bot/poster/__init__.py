"""Pictures that are drawn here: an invite's QR code, and the poster to print."""

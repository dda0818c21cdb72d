"""The web server: processes for HTTP, one for the WebSockets that they hand over, and who looks after them."""

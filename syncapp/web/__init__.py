"""Views outside the admin: health, and what browsers are told to refuse. Translate, make one service call, translate back."""

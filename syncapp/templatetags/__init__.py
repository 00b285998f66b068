"""What templates say by a short name. Translates to the words of the selectors; reads nothing."""

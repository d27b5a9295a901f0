"""Checks that many kinds share. Every function returns field errors in the order the real server reports them."""

"""Decides how blogs are read that answer with JSON: WordPress and Ghost.

visit.py              what is asked, what is kept for the day on which that fails, and what is said then
last_good.py          how the last good answers are written down
answers.py            which answers are of use, and which mean that nobody is there or that the blog says no
values.py             how a value is taken out of JSON that may hold anything
wordpress_asking.py   where a WordPress site answers, and with which posts
wordpress_posts.py    what WordPress says about a post
ghost_asking.py       the same of Ghost
ghost_posts.py
"""

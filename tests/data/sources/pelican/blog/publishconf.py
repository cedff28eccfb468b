import os
import sys

sys.path.append(os.curdir)
from pelicanconf import *  # noqa

SITEURL = "https://pelican.example.com/blog/"
RELATIVE_URLS = False

"""Who may use the studio, and what for: without users whoever has this start's token; with users those who sign in.

    persons    the person of a request, the name that is recorded, and what one may do
    rights     which right each address and step needs; asked in one place, before anything is done
    doors      how a request becomes a person: by this start's token, or by a session
    directory  the users as configuration and passwords stand now
    passwords  hashes in a file of their own
    sessions   who is signed in, and for how long
    patience   how often somebody may try to sign in
    signing    the page where one signs in, and the way out
    inside     which addresses one is led to after signing in

What is recorded as `who` comes from `persons.who_acts` alone.
"""

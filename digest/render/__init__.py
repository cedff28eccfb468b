"""From a selection to an e-mail: Jinja2, inlining, plain text. Sole owner of jinja2 and premailer.

    Renderer(templates, copy).render(newsletter, issue, selection, links) -> Email
"""

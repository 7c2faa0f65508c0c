import sys
sys.path.insert(0,'/work/notes/scratch')
from fix import doc
from trialflow.adapters.renderers.html import document_html
def site_page(): return document_html(doc).encode()
def sponsor_page(): 
    import attrs
    return document_html(attrs.evolve(doc,audience="sponsor",sections=doc.sections[2:6])).encode()

"""STAND-IN by the lead until LANGUAGE writes the real one: overwrite this file."""
from __future__ import annotations
import re
from dataclasses import replace
from typing import Literal
from pipeline.records import Segment, Span, Drop
from pipeline.languages import is_blank
from pipeline.stages.base import Stage, StageConfig

class SplitSentencesConfig(StageConfig):
    """STAND-IN"""
    stage: Literal["split_sentences"] = "split_sentences"
    def build(self): return SplitSentences()

class SplitSentences(Stage):
    name = "split_sentences"
    requires = frozenset({"normalized", "blocks"})
    assigns = frozenset({"segments"})
    def __call__(self, documents):
        for d in documents:
            if d.drop: yield d; continue
            out=[]
            for p,b in enumerate(d.blocks):
                if not b.kept: continue
                n=d.normalized.from_raw(b.span); t=d.normalized.text[n.start:n.end]
                cuts=[0]+[d.normalized.snap(n.start+m.end())-n.start for m in re.finditer(r'[.!?؟]["»”)]*\s+',t)]+[len(t)]
                cuts=sorted(set(c for c in cuts if c<=len(t)))
                pieces=[(a,e) for a,e in zip(cuts,cuts[1:]) if t[a:e].strip()]
                if not pieces:
                    out.append(Segment(span=b.span,text="",normalized_start=n.start,paragraph=p,role=b.label,drop=Drop(stage=self.name,reason="blank_after_normalisation"))); continue
                starts=[b.span.start]+[d.normalized.to_raw(n.start+a,n.start+e).start for a,e in pieces[1:]]+[b.span.end]
                for (a,e),s,x in zip(pieces,starts,starts[1:]):
                    while is_blank(d.text[x-1]): x-=1
                    while is_blank(d.text[s]): s+=1
                    while t[a].isspace(): a+=1
                    tt=t[a:e].rstrip()
                    out.append(Segment(span=Span(start=s,end=x),text=tt.replace("\n"," "),normalized_start=n.start+a,paragraph=p,role=b.label))
            yield replace(d,segments=tuple(out))

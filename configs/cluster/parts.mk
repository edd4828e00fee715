# One corpus by N processes of one machine, each with one thread, or of several that share a disk:
#
#   make -f parts.mk -j 8 PARTS=8 CONFIG=default INPUT=articles CORPUS=corpus
#
# Run it again after any fault: what is done stays.
PARTS ?= 2
CONFIG ?= default
INPUT ?= seeds
CORPUS ?= corpus

RUN := newsbitext run $(CONFIG) --input $(INPUT) --output $(CORPUS) --set stages.translate.threads=1
NUMBERS := $(shell seq $(PARTS))

.PHONY: corpus $(NUMBERS)

corpus: $(NUMBERS)
	$(RUN)
	newsbitext verify $(CORPUS)

$(NUMBERS):
	$(RUN) --shard $@/$(PARTS)

#!/usr/bin/env bash
# One corpus by an array of Slurm jobs that share a disk, then a last job that finishes and verifies it:
#
#   array=$(sbatch --parsable --array=1-32 slurm.sh CONFIG INPUT OUTPUT)
#   sbatch --dependency=afterok:"$array" --kill-on-invalid-dep=yes slurm.sh CONFIG INPUT OUTPUT
#
# A task that is pre-empted, killed or out of time is queued again and goes on after its last shard. To mend what
# failed, submit the same two lines again: tasks whose shards are done leave at once.
#
#SBATCH --job-name=newsbitext
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

if (($# != 3)); then
  echo "usage: sbatch [--array=1-N] slurm.sh CONFIG INPUT OUTPUT" >&2
  exit 2
fi
threads=${SLURM_CPUS_PER_TASK:-1}
run=(newsbitext run "$1" --input "$2" --output "$3" --set "stages.translate.threads=$threads")

if [[ -n ${SLURM_ARRAY_TASK_ID:-} ]]; then
  exec "${run[@]}" --shard "$((SLURM_ARRAY_TASK_ID))/$SLURM_ARRAY_TASK_COUNT"
fi
"${run[@]}"
newsbitext verify "$3"

/** What the threads of `threads.test.ts` do: earlier tasks take longer, and one may be bad. */
import { serve } from '../../harness/cli/threads.ts'

serve(async (factor: number, task: number): Promise<number> => {
  if (task < 0) throw new Error(`task ${task} is bad`)
  // Later tasks are done sooner.
  let spun = 0
  for (let turn = 0; turn < (20 - task) * 10_000; turn += 1) spun += Math.sqrt(turn)
  return task * factor + (spun < 0 ? 1 : 0)
})

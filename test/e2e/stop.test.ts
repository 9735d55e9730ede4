import { expect, test } from 'vitest'
import { Bench } from './bench.ts'

test('a part that cannot be closed keeps no other one open: the state is free, and the error is told', async () => {
  let isBroken = true
  await using bench = await Bench.open({
    atPoint: (point) => {
      if (isBroken && point === 'journal.before-checkpoint') throw new Error('the disk is full')
    },
  })
  await expect(bench.stop()).rejects.toThrow('the disk is full')
  isBroken = false
  await bench.start()
})

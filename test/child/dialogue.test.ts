// @module-tag heavy
import { expect, test, vi } from 'vitest'
import { Dialogue } from '../../base/child/dialogue.ts'

function served() {
  const [news, ends] = [vi.fn(), vi.fn()]
  const child = new Dialogue({
    ...{ entry: new URL('./served.ts', import.meta.url), name: 'trial', serialization: 'advanced' },
    ...{ onNews: news, onEnd: ends },
  })
  return { child, news, ends, [Symbol.asyncDispose]: () => child.kill() }
}

test('a child answers each call with its own answer, error or news', async () => {
  await using process = served()
  const { child, news } = process
  const answers = [child.ask('add', 1, 2), child.ask('add', 3, 4), child.ask('report', 'paper is low')]
  expect(await Promise.all(answers)).toEqual([3, 7, undefined])
  expect(news.mock.calls).toEqual([['paper is low']])
  await expect(child.ask('refuse')).rejects.toMatchObject({
    ...{ name: 'TypeError', message: 'not that', code: 'refused', details: { place: 3 } },
  })
  await expect(child.ask('uncopied')).rejects.toThrow('could not be cloned')
  await expect(child.ask('toString')).rejects.toThrow('there is no act toString')
})

test('the end of a child is reported once and rejects each call, also a later one', async () => {
  await using process = served()
  const { child, ends } = process
  const hanging = expect(child.ask('hang')).rejects.toThrow('The trial ended early (exit code 3).')
  await expect(child.ask('exit')).rejects.toMatchObject({ code: 'child_ended', by: 'code 3' })
  await hanging
  await child.leave()
  await expect(child.ask('add', 1, 2)).rejects.toMatchObject({ by: 'code 3' })
  expect(ends).toHaveBeenCalledTimes(1)
})

test('a killed child rejects its calls at once, with the cause of the kill', async () => {
  await using process = served()
  const hanging = expect(process.child.ask('hang')).rejects.toThrow('too late')
  const exited = process.child.kill(new Error('too late'))
  await hanging
  await exited
  expect(process.ends).toHaveBeenCalledWith(new Error('too late'))
})

test('a child exits after its parent left', async () => {
  const { child, ends } = served()
  expect(await child.ask('add', 1, 1)).toBe(2)
  await child.leave()
  expect(ends).toHaveBeenCalledTimes(1)
})

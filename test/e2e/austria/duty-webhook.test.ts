import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HookServer, isSigned } from '../../alerts/hook-server.ts'
import { heavy } from '../../tags.ts'
import { KEY, SECRET } from '../alerted.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { finanzonline } from './finanzonline.ts'
import { austrianTill, ONE_CARD } from './shop.ts'

type Message = { readonly type: string; readonly data: { readonly id: string; readonly state: string } }

const SPEED = 5

function messages({ calls }: HookServer): Message[] {
  return calls.map(({ body }) => JSON.parse(body) as Message)
}

test(
  'a webhook gets each changed duty without steps and instructions, signed, also what it refused before a restart',
  heavy(),
  async () => {
    const clock = new FastClock(SPEED)
    const service = await finanzonline('T', clock)
    const hook = await HookServer.open()
    onTestFinished(() => hook[Symbol.asyncDispose]())
    const secretFile = join(service.folder, 'office.secret')
    writeFileSync(secretFile, SECRET, { mode: 0o600 })
    const webhooks = [{ id: 'office', url: hook.url, secretFile, events: ['duty.changed'] }]
    const config = { ...ONE_CARD, authorities: service.authorities, webhooks, alerts: { digest: false } }
    await using bench = await Bench.open({ clock, config })
    const { id } = await austrianTill(bench)
    const isTold = (duty: string) => messages(hook).some(({ data }) => data.id === duty && data.state === 'confirmed')
    await bench.until(() => isTold(`finanzonline-register-${id}`) && isTold(`startbeleg-check-${id}`))
    const listed = await bench.office.get(`/v1/duties/startbeleg-check-${id}`)
    const { steps: _steps, instructions: _instructions, ...shown } = listed
    const told = messages(hook).findLast(({ data }) => data.id === `startbeleg-check-${id}`)
    expect(told).toEqual({ type: 'duty.changed', timestamp: expect.any(String), data: shown })
    expect(hook.calls.every((call) => isSigned(call, KEY))).toBe(true)
    const ids = hook.calls.map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids).size).toBe(ids.length)

    hook.answer = (response) => void response.writeHead(503).end()
    const before = hook.calls.length
    const backup = (await bench.office.list('/v1/duties')).find(({ kind }) => kind === 'at.data_copy')
    await bench.agent.administration.confirmTask(String(backup?.['id']), 'copied to a stick')
    await hook.untilCalls(before + 1)
    let refusals = 0
    await bench.restart(async () => {
      hook.answer = (response) => void response.writeHead(204).end()
      refusals = hook.calls.length
    })
    await hook.untilCalls(refusals + 1)
    const again = hook.calls.slice(before).map(({ headers }) => headers['webhook-id'])
    expect(new Set(again).size).toBe(1)
    expect(messages(hook).at(-1)).toMatchObject({
      data: { id: backup?.['id'], state: 'confirmed', confirmed_by: 'person', note: 'copied to a stick' },
    })
  },
)

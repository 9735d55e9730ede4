// @module-tag heavy
import { expect, test } from 'vitest'
import { done as doneOn, installedMachine } from '../package/installed-machine.ts'

const STATE = '/var/lib/fiskal-edge'
const READY = 'curl -sf http://127.0.0.1:7070/readyz | grep -q \'"state":"ready"\''

const machine = installedMachine()

function done(script: string): Promise<string> {
  return doneOn(machine(), script)
}

/** The image was copied to a machine whose machine-id is made at its first boot. */
async function bootedElsewhere(digit: string): Promise<void> {
  await done(
    `systemctl stop fiskal-edge; rm /etc/machine-id; echo ${digit.repeat(32)} >/etc/machine-id; systemctl start fiskal-edge`,
  )
  await machine().until(READY)
}

/** The key of the journal, as doctor shows it. */
async function keyId(): Promise<string> {
  const { out } = await machine().sh('fiskal-edge doctor')
  const [, key = out] = / journal .*key ([0-9a-f]{16})/.exec(out) ?? []
  return key
}

test('a copied installation begins its own journal under the service; with a key in it, it asks, and is confirmed', async () => {
  await machine().until(READY)
  await done('systemctl restart fiskal-edge')
  await machine().until(READY)
  expect(await done(`ls ${STATE}`)).not.toContain('before-')
  const golden = await keyId()
  await bootedElsewhere('a')
  expect(await done(`ls ${STATE}`)).toMatch(/^before-\S+Z$/m)
  const own = await keyId()
  expect(own).not.toBe(golden)
  await done('fiskal-edge key create platform')
  await bootedElsewhere('b')
  expect(await keyId()).toBe(own)
  expect(await done('fiskal-edge doctor')).toContain('! machine_changed')
  const [id] = /machine-\d+/.exec(await done('fiskal-edge duty list')) ?? ['none']
  expect(await done(`fiskal-edge duty confirm ${id} --reason 'a new computer'; fiskal-edge doctor`)).not.toContain(
    'machine_changed',
  )
  await done('systemctl restart fiskal-edge')
  await machine().until(READY)
  expect(await done('fiskal-edge doctor')).not.toContain('machine_changed')
})

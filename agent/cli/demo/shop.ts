import type { Step } from '../../contract/scenario.ts'
import { scenarioOf, setUpOf } from '../../contract/scenario.ts'
import type { Answer, DemoShop } from '../../laws/demo-shift.ts'
import { at, mustBe } from '../../laws/demo-shift.ts'
import type { Office } from './player.ts'
import { jsonOf, playStep, playSteps } from './player.ts'

export type Shop = { merchant: Answer; register: Answer; registerKey: string }

/** Makes merchant, location and a fiscalized register, as a back office does it once. Throws DemoError. */
export async function openShop(office: Office, shop: DemoShop, timezone: string): Promise<Shop> {
  const steps = setUpOf({ ...shop, location: { ...shop.location, timezone } })
  const play = async (step: Step): Promise<Answer> => jsonOf(await playStep(step, office))
  const merchant = await play(steps.merchant)
  await play(steps.location)
  await play(steps.register)
  const { terminals, inventory } = shop
  if (terminals !== undefined)
    await play(changeOf('register-1-terminals', 'The handhelds of the register', { terminals }))
  if (inventory !== undefined) await play(changeOf('register-1-inventory', 'The facts of the till', { inventory }))
  const register = await play(steps.fiscalization)
  mustBe('fiscalization_status', at(register, 'fiscalization_status'), 'fiscalized')
  if (shop.paymentTerminal !== undefined) await play(paymentTerminalOf(shop.paymentTerminal))
  return { merchant, register, registerKey: at(register, 'register_api_key') }
}

function changeOf(name: string, summary: string, body: object): Step {
  const path = { id: 'key:register-1' }
  return { name, summary, operationId: 'RegistersController_update', key: name, path, body, status: 200 }
}

function paymentTerminalOf(terminal: object): Step {
  const [name, summary] = ['terminal-1', 'The payment terminal of the register']
  const body = { location_id: 'key:location-1', register_ids: ['key:register-1'], ...terminal }
  return { name, summary, operationId: 'PaymentTerminalsController_create', key: name, body, status: 201 }
}

/**
 * Plays the scenario in that shop: the examples of the document and the Postman collection are then what the agent has
 * answered. Returns the number of its steps, 0 under a law without a scenario. Throws DemoError.
 */
export async function playDay(office: Office, { day, ...shop }: DemoShop, timezone: string): Promise<number> {
  if (day === undefined) return 0
  const steps = scenarioOf({ ...shop, location: { ...shop.location, timezone }, day })
  // The steps that made the shop are repetitions.
  for await (const _played of playSteps(steps, office));
  return steps.length
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pause, systemClock } from '../../../base/clock.ts'
import { isIdOf } from '../../../base/ids.ts'
import type { DemoShift, Proof, ShiftStep } from '../../laws/demo-shift.ts'
import { at, JOURNAL } from '../../laws/demo-shift.ts'
import { EVER } from '../arguments/range.ts'
import type { DemoTechnician } from './agent.ts'
import { keepPicture, showDisplay } from './display-picture.ts'
import { writeNotice } from './notice.ts'
import { showOwnerMail } from './owner-mail.ts'
import type { DemoPlace, Pos } from './pos.ts'
import { pos } from './pos.ts'
import { exported, proveChain, proveExport, writeReceipts } from './proof.ts'
import { showDone, showPaper, showReceipt, showSection, showStep } from './screen.ts'
import type { Shop } from './shop.ts'
import { openShop } from './shop.ts'
import type { DemoTaxOffice } from './tax-office.ts'
import { shiftTill } from './till.ts'

/** A card or printer that is pulled needs acts that its shift would have to show. */
const TSE = 'tse-simulator'

/** The agent of the demo, and the technician's commands, which can break its device. */
export type Stage = {
  readonly place: DemoPlace
  readonly technician: Pick<
    DemoTechnician,
    'deviceAct' | 'display' | 'fault' | 'exportTo' | 'listDuties' | 'showDuty' | 'notices'
  >
  readonly taxOffice: DemoTaxOffice | undefined
  /** Ends the agent as a power cut would, and starts it again. */
  readonly crash: () => Promise<void>
  readonly ready: () => Promise<void>
  /** Audits the running agent. */
  readonly audit: () => Promise<Proof>
  /** Time zone of the law. */
  readonly timeZone: string
}

/** Plays the shift of a law, shows each step, and proves it. Throws DemoError. */
export async function showShift(demo: DemoShift, stage: Stage): Promise<Shop> {
  const { place, timeZone } = stage
  const { headings } = demo
  const office = pos(place, { authorization: `Bearer ${place.key}` })
  showSection('Set-up, as a back office does it once')
  const shop = await openShop(place, demo.shop, timeZone)
  showDone('Merchant', at(shop.merchant, 'legal_name'))
  showDone('Register', `${at(shop.register, 'name')}, ${at(shop.register, 'id')}`)
  for (const [what, outcome] of demo.registered(shop.register)) showDone(what, outcome)
  await stage.taxOffice?.showDuties(stage.technician, stage.place.stop)

  showSection(headings.shift)
  const till = pos(place, { 'x-register-api-key': shop.registerKey })
  const register = at(shop.register, 'id')
  const display = demo.hasDisplay === true ? (await stage.technician.display(register, false)).url : undefined
  const steps = await playSteps(demo, stage, till, { register, display })
  if (display !== undefined) showDisplay(display, place.folder)

  if (headings.receipt !== undefined) showSection(headings.receipt)
  const operations = steps.filter(({ operation }) => isIdOf('op', at(operation, 'id')))
  const receipt = await writeReceipts(till, operations, join(place.folder, 'receipts'))
  if (headings.receipt !== undefined) showReceipt(receipt)

  if (demo.device.driver === TSE) await showOwnerMail(demo, stage, office, shop)

  showSection('The proof')
  for (const { what, found } of await prove(demo, stage, office, steps)) showDone(what, found)
  await stage.taxOffice?.showRecord()
  return shop
}

async function playSteps(
  demo: DemoShift,
  stage: Stage,
  till: Pos,
  { register, display }: { register: string; display: string | undefined },
): Promise<ShiftStep[]> {
  const { place, technician, timeZone } = stage
  const steps: ShiftStep[] = []
  const paper = async () => (await demo.printed?.(place.state)) ?? []
  let slips = 0
  const work = demo.work(shiftTill(till, register, timeZone), {
    fault: (device, fault) => technician.fault(device, fault),
    act: (device, act) => technician.deviceAct(device, act),
    paper,
    crash: () => stage.crash(),
    ready: () => stage.ready(),
    pause: (ms) => pause(systemClock, ms),
  })
  let picture = display
  for await (const step of work) {
    steps.push(step)
    if (picture !== undefined && at(step.operation, 'type') === 'sale') {
      await keepPicture(picture, at(step.operation, 'id'), place.folder)
      picture = undefined
    }
    showStep(step, demo.signed(step))
    if (step.slip !== undefined) showReceipt(step.slip)
    const printed = await paper()
    for (const slip of printed.slice(slips)) showPaper(slip)
    slips = printed.length
  }
  return steps
}

/** Exports the files for an auditor and checks all of them. */
async function prove(
  demo: DemoShift,
  { place: { folder, state }, technician, audit }: Stage,
  office: Pos,
  steps: readonly ShiftStep[],
): Promise<Proof[]> {
  const exports = join(folder, 'exports')
  await mkdir(exports, { recursive: true })
  const file = (name: string): string => join(exports, name)
  for (const [type, name] of demo.exports) await writeFile(file(name), await exported(office, type))
  const proofs = await demo.prove({
    steps,
    stateDirectory: state,
    file,
    exportSecret: (type, path) => technician.exportTo(type, EVER, path),
  })
  const notice = demo.shop.inventory === undefined ? [] : [await writeNotice(technician, exports)]
  const audited = demo.isAudited === true ? [await audit()] : []
  return [...proofs, ...notice, await proveExport(file(JOURNAL[1])), await proveChain(state), ...audited]
}

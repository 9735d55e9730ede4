import type { Location } from '../../contract/location.ts'
import type { Language } from '../../contract/receipt.ts'
import type { Register } from '../../contract/register.ts'
import { DUTY_TEXTS } from '../../texts/duties.ts'
import type { ListedDuty } from './listed-duties.ts'

type DutyWords = Readonly<Record<'de' | 'it', string>> | undefined
type Named = Pick<ListedDuty, 'title' | 'kind' | 'device_id' | 'register_id' | 'location_id'>

/** The names of what a task is about. */
export type Names = {
  register(id: string): { readonly shown: Pick<Register, 'name' | 'fiscalization'> } | undefined
  location(id: string): { readonly shown: Pick<Location, 'name'> } | undefined
}

/** A task for the page, which has words for its kind: in English its title. `about`: its device, Kassen-ID or place. */
export function shownTask(view: Names, { title, kind, device_id, register_id, location_id }: Named) {
  const register = register_id === null ? undefined : view.register(register_id)?.shown
  const place = location_id === null ? undefined : view.location(location_id)?.shown.name
  const about = device_id ?? register?.fiscalization?.client_id ?? register?.name ?? place ?? null
  return { title, kind, about }
}

/** Its name in the language of messages, as the page has it. */
export function taskName(view: Names, task: Named, language: Language): string {
  const { title, kind, about } = shownTask(view, task)
  const words = language === 'en' ? undefined : (DUTY_TEXTS as Readonly<Record<string, DutyWords>>)[kind]?.[language]
  return words === undefined ? title : [words, ...(about === null ? [] : [about])].join(': ')
}

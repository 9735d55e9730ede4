/** The state of the printer (15111), by places. */

export type CustomState = {
  serial: string
  /** Why its documents would be worthless; undefined for a printer in service. */
  trouble: string | undefined
  hasLottery: boolean
  /** Ventilazione: the accountant computes the rates. */
  splitsVat: boolean
}

const PLACES = 52

export function parseState(data: string): CustomState | undefined {
  if (data.length < PLACES) return undefined
  const at = (place: number): string => data.charAt(place)
  return {
    serial: data.slice(1, 12).trim(),
    trouble: troubleOf(at),
    hasLottery: at(37) !== '0',
    splitsVat: at(35) === '1',
  }
}

function troubleOf(at: (place: number) => string): string | undefined {
  if (at(0) !== '1') return 'the printer is not a native RT'
  if (at(32) !== '0') return 'the printer is in simulation: its documents are worthless'
  if (at(33) !== '0') return 'the printer is a demonstration: its documents are worthless'
  if (at(25) !== '1') return 'the printer is not in service yet'
  return at(51) === '0' ? undefined : 'the printer is out of service'
}

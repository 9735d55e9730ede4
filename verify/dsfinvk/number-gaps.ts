/** Numbers that were set aside, inclusive; `isPutBack`: because the state was put back, and no backup was restored. */
export type Gap = { readonly from: number; readonly to: number; readonly isPutBack?: boolean }
/** Numbers of bons, or of closings. */
export type GapKind = 'bon' | 'z'

const RESTORED = 'nach Wiederherstellung nicht vergeben'
const PUT_BACK = 'nach Datenverlust nicht vergeben'
const END = `(?:${RESTORED}|${PUT_BACK})`
const NAMES: Readonly<Record<GapKind, { one: string; many: string }>> = {
  bon: { one: 'Nummer', many: 'Nummern' },
  z: { one: 'Z', many: 'Z' },
}

/** The begin of BON_NOTIZ of the first bon after a gap (DSFinV-K § 4.3). */
export function gapText(kind: GapKind, { from, to, isPutBack }: Gap): string {
  const { one, many } = NAMES[kind]
  return `${from === to ? `${one} ${from}` : `${many} ${from}–${to}`} ${isPutBack === true ? PUT_BACK : RESTORED}`
}

const NAMED: Readonly<Record<GapKind, RegExp>> = {
  bon: new RegExp(`^Nummern? (\\d{1,15})(?:–(\\d{1,15}))? ${END}(?:;|$)`),
  z: new RegExp(`^(?:Nummern? [\\d–]+ ${END}; )?Z (\\d{1,15})(?:–(\\d{1,15}))? ${END}(?:;|$)`),
}

/** True if the note says that exactly these numbers were not given. A till's own note comes later in it. */
export function namesGap(note: string, kind: GapKind, gap: Gap): boolean {
  const [, from, to = from] = NAMED[kind].exec(note) ?? []
  return Number(from) === gap.from && Number(to) === gap.to
}

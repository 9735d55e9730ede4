/** The ground of an outage, as a person gives it. */
export const OUTAGE_GROUNDS = ['theft', 'defective', 'other'] as const
export type OutageGround = (typeof OUTAGE_GROUNDS)[number]

/** The ground of an outage or of an end of use. */
export const DUTY_GROUNDS = ['planned', 'broken', ...OUTAGE_GROUNDS] as const
export type DutyGround = (typeof DUTY_GROUNDS)[number]

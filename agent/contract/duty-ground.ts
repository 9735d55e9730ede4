/** The ground of an outage or of an end of use, as a person gives it. */
export const DUTY_GROUNDS = ['planned', 'broken', 'theft', 'defective', 'other'] as const
export type DutyGround = (typeof DUTY_GROUNDS)[number]

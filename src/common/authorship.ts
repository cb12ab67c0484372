/** Who changes a row, and when: the columns to set with any other change. */
export function updatedBy(userId: number): { updated_by: number; updated_at: string } {
  return { updated_by: userId, updated_at: new Date().toISOString() };
}

/** Who makes a row, and when: at first, that is also its last change. */
export function createdBy(
  userId: number,
): ReturnType<typeof updatedBy> & { created_by: number; created_at: string } {
  const updated = updatedBy(userId);
  return { created_by: userId, created_at: updated.updated_at, ...updated };
}

/** Whether a password fits a bcrypt hash. The package is loaded only where somebody has a password. */
export async function comparePassword(password: string, hash: string): Promise<boolean> {
  const { compare } = await import('bcryptjs');
  return compare(password, hash);
}

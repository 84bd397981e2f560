import { z } from 'zod';

export const Role = z.enum(['viewer', 'scientist', 'platform', 'approver', 'admin']);
export type Role = z.infer<typeof Role>;

export const Principal = z.object({
  id: z.string().min(1),
  kind: z.enum(['person', 'service', 'policy']),
  roles: z.array(Role),
});
export type Principal = z.infer<typeof Principal>;

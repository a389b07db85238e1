import type { DoctorFlags, RunFlags } from '../config/flags.js';
import type { DoctorOptions } from '../doctor/doctor-command.js';
import type { ConfigIssue } from '../errors.js';

/** The flags of a run that `doctor` takes over as they are, and what it was asked beside. */
export function splitDoctorFlags(
  line: DoctorFlags,
  issues: ConfigIssue[],
): { readonly run: RunFlags; readonly options: DoctorOptions } {
  const {
    'nginx-config': nginxConfigs = [],
    'srs-config': srsConfigs = [],
    'write-collect': writeCollect,
    'no-probes': noProbes,
    ...run
  } = line;
  if (writeCollect === '') issues.push({ path: '--write-collect', problem: 'no file given' });
  const options = {
    ...{ nginxConfigs, srsConfigs, probes: noProbes !== true },
    ...(writeCollect === undefined ? {} : { writeCollect }),
  };
  return { run, options };
}

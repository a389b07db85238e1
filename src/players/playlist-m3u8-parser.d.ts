/** The part of m3u8-parser (which ships no types) that playlist.ts uses. */
declare module 'm3u8-parser' {
  export interface M3u8Segment {
    uri: string;
    discontinuity?: boolean;
    dateTimeObject?: Date;
    attributes?: { BANDWIDTH?: number };
    custom?: Record<string, string | undefined>;
  }

  export interface M3u8Manifest {
    endList?: boolean;
    segments: M3u8Segment[];
    playlists?: M3u8Segment[];
    custom?: Record<string, string | undefined>;
  }

  export class Parser {
    manifest: M3u8Manifest;
    push(text: string): void;
    end(): void;
    addParser(options: {
      expression: RegExp;
      customType: string;
      dataParser?: (line: string) => string;
      segment?: boolean;
    }): void;
    addTagMapper(options: { expression: RegExp; map: (line: string) => string }): void;
  }
}

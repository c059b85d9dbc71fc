/** "I have everything up to here." */
export interface Position {
  readonly epoch: string;
  readonly sequence: number;
}

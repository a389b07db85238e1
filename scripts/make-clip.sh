#!/bin/sh
# Makes the clips that the embedded stage loops: assets/clip-gop1.flv (a keyframe each second) and
# assets/clip-gop2.flv (each two seconds). Needs ffmpeg with libx264.
#
# 8 s on purpose: 240 pictures at 30 fps and 375 AAC frames of 1024 samples at 48 kHz both last 8.000 s, so the
# loop has neither a gap nor a drift. No B-frames (PTS = DTS), one slice per picture, closed GOPs, no SEI: the
# stage writes its own (the capture stamp) and raises the bitrate with filler.
set -eu
cd "$(dirname "$0")/../assets"
for gop in 1 2; do
  ffmpeg -v error -y \
    -f lavfi -i "testsrc2=size=480x270:rate=30:duration=8" \
    -f lavfi -i "sine=frequency=440:beep_factor=4:sample_rate=48000:duration=8" \
    -map 0:v -map 1:a -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -c:v libx264 -preset veryslow -profile:v high -pix_fmt yuv420p -crf 38 -bf 0 -g "$((30 * gop))" \
    -keyint_min "$((30 * gop))" -sc_threshold 0 -threads 1 -x264-params "slices=1:open-gop=0" \
    -bsf:v "filter_units=remove_types=6" \
    -c:a aac -b:a 64k -ac 2 -frames:a 375 -shortest \
    -flvflags no_duration_filesize "clip-gop$gop.flv"
done
ls -l clip-gop*.flv

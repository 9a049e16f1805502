;; The filter 32000 of HDF5, LZF as h5py writes it, for reading: a plugin that HDF5 loads into its own
;; memory where a data set needs it (https://docs.hdfgroup.org, HDF5 Dynamically Loaded Filters). The
;; format is LibLZF's: a byte below 32 is followed by as many bytes and one more; of others the upper
;; three bits are a length, 7 with a byte more, and the lower five with the next byte how far back it lies.
(module
  (import "env" "memory" (memory 0))
  (import "env" "__indirect_function_table" (table 0 funcref))
  (import "env" "__memory_base" (global $memoryBase i32))
  (import "env" "__table_base" (global $tableBase i32))
  (import "env" "malloc" (func $malloc (param i32) (result i32)))
  (import "env" "free" (func $free (param i32)))

  ;; H5Z_class2_t, of eight words, and the name behind it.
  (data (global.get $memoryBase)
    "\01\00\00\00" "\00\7d\00\00" "\00\00\00\00" "\01\00\00\00"
    "\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00" "lzf\00")
  (elem (global.get $tableBase) $filter)

  ;; H5PL_TYPE_FILTER
  (func (export "H5PLget_plugin_type") (result i32) (i32.const 0))

  (func (export "H5PLget_plugin_info") (result i32)
    (i32.store offset=16 (global.get $memoryBase) (i32.add (global.get $memoryBase) (i32.const 32)))
    (i32.store offset=28 (global.get $memoryBase) (global.get $tableBase))
    (global.get $memoryBase))

  ;; How many bytes were unpacked, as many as there is room for; -1 of bytes that are no LZF.
  (func $unpack (param $in i32) (param $inEnd i32) (param $out i32) (param $outEnd i32) (result i32)
    (local $start i32) (local $control i32) (local $length i32) (local $from i32)
    (local.set $start (local.get $out))
    (block $bad
      (loop $next
        (if (i32.ge_u (local.get $in) (local.get $inEnd))
          (then (return (i32.sub (local.get $out) (local.get $start)))))
        (local.set $control (i32.load8_u (local.get $in)))
        (local.set $in (i32.add (local.get $in) (i32.const 1)))
        (if (i32.lt_u (local.get $control) (i32.const 32))
          (then
            (local.set $length (i32.add (local.get $control) (i32.const 1)))
            (br_if $bad (i32.gt_u (local.get $length) (i32.sub (local.get $inEnd) (local.get $in))))
            (br_if $bad (i32.gt_u (local.get $length) (i32.sub (local.get $outEnd) (local.get $out))))
            (memory.copy (local.get $out) (local.get $in) (local.get $length))
            (local.set $in (i32.add (local.get $in) (local.get $length)))
            (local.set $out (i32.add (local.get $out) (local.get $length)))
            (br $next)))
        (local.set $length (i32.shr_u (local.get $control) (i32.const 5)))
        (if (i32.eq (local.get $length) (i32.const 7))
          (then
            (br_if $bad (i32.ge_u (local.get $in) (local.get $inEnd)))
            (local.set $length (i32.add (local.get $length) (i32.load8_u (local.get $in))))
            (local.set $in (i32.add (local.get $in) (i32.const 1)))))
        (local.set $length (i32.add (local.get $length) (i32.const 2)))
        (br_if $bad (i32.ge_u (local.get $in) (local.get $inEnd)))
        (local.set $from
          (i32.add (i32.const 1)
            (i32.or
              (i32.shl (i32.and (local.get $control) (i32.const 31)) (i32.const 8))
              (i32.load8_u (local.get $in)))))
        (local.set $in (i32.add (local.get $in) (i32.const 1)))
        (br_if $bad (i32.gt_u (local.get $from) (i32.sub (local.get $out) (local.get $start))))
        (br_if $bad (i32.gt_u (local.get $length) (i32.sub (local.get $outEnd) (local.get $out))))
        (local.set $from (i32.sub (local.get $out) (local.get $from)))
        ;; Byte by byte: it may run into what it writes.
        (loop $copy
          (i32.store8 (local.get $out) (i32.load8_u (local.get $from)))
          (local.set $out (i32.add (local.get $out) (i32.const 1)))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))
          (local.set $length (i32.sub (local.get $length) (i32.const 1)))
          (br_if $copy (local.get $length)))
        (br $next)))
    (i32.const -1))

  ;; H5Z_func_t: 0 where it fails, and what was packed stays. The third value of a data set's filter is the
  ;; size of a block.
  (func $filter
    (param $flags i32) (param $valueCount i32) (param $values i32)
    (param $packed i32) (param $sizeAt i32) (param $bufferAt i32) (result i32)
    (local $size i32) (local $out i32)
    ;; Packing is not its job: H5Z_FLAG_REVERSE is set where a data set is read.
    (if (i32.eqz (i32.and (local.get $flags) (i32.const 0x100))) (then (return (i32.const 0))))
    (if (i32.lt_u (local.get $valueCount) (i32.const 3)) (then (return (i32.const 0))))
    (local.set $size (i32.load offset=8 (local.get $values)))
    (local.set $out (call $malloc (local.get $size)))
    (if (i32.eqz (local.get $out)) (then (return (i32.const 0))))
    (if
      (i32.ne
        (call $unpack
          (i32.load (local.get $bufferAt))
          (i32.add (i32.load (local.get $bufferAt)) (local.get $packed))
          (local.get $out)
          (i32.add (local.get $out) (local.get $size)))
        (local.get $size))
      (then
        (call $free (local.get $out))
        (return (i32.const 0))))
    (call $free (i32.load (local.get $bufferAt)))
    (i32.store (local.get $bufferAt) (local.get $out))
    (i32.store (local.get $sizeAt) (local.get $size))
    (local.get $size)))
